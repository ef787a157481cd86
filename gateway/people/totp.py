"""One-time codes of authenticator apps (RFC 6238): six digits, thirty seconds, SHA-1 as every app has it."""

from __future__ import annotations

import hmac

import pyotp

STEP_S = 30
_STEPS_EITHER_WAY = 1


def new_secret() -> str:
    """160 random bits in base32."""
    return pyotp.random_base32()


def address(secret: str, account_name: str, issuer: str) -> str:
    """What the QR code says (otpauth://)."""
    return pyotp.TOTP(secret).provisioning_uri(name=account_name, issuer_name=issuer)


def step_of(secret: str, code: str, now: int) -> int | None:
    """The time step that this code is of, a step before and after now allowed (section 5.2); None for a wrong code."""
    typed, current = "".join(code.split()), now // 1000 // STEP_S
    if not (len(typed) == 6 and typed.isascii() and typed.isdecimal()):
        return None
    steps = range(current - _STEPS_EITHER_WAY, current + _STEPS_EITHER_WAY + 1)
    found = [step for step in steps if hmac.compare_digest(pyotp.TOTP(secret).generate_otp(step), typed)]
    return max(found, default=None)
