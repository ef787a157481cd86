"""C-CDA documents (CDA R2, US Realm): made of FHIR resources, and read into them. Pure functions; nothing is looked up, nothing is sent.

What leaves is made of resources that may already leave as they are; what comes in goes the way of every received resource.
"""

from __future__ import annotations

from mappings.ccda.documents import care_plan, referral_note
from mappings.ccda.parse import BadDocument
from mappings.ccda.received import Received, read

__all__ = ["BadDocument", "Received", "care_plan", "read", "referral_note"]
