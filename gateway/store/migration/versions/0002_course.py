"""What a record's course gave is kept with the record; a client's course is due once, however often that is said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("record", sa.Column("course", sa.Text(), nullable=True))
    waiting = sa.text("topic = 'course-due' AND done_at IS NULL")
    op.create_index("uq_outbox_course_due", "outbox", ["practice", "subject"], unique=True, sqlite_where=waiting, postgresql_where=waiting)


def downgrade() -> None:
    op.drop_index("uq_outbox_course_due", table_name="outbox")
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.drop_column("course")
