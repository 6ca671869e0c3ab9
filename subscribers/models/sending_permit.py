"""Which database may send mail: a restored or copied one may not, until a person arms it."""

from __future__ import annotations

from django.db import connection, models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class SendingPermitQuerySet(models.QuerySet["SendingPermit"]):
    def is_armed(self) -> bool:
        """Whether this very database was armed; a copy of it has another identity."""
        return self.filter(identity=identity_of_the_database()).exists()

    def arm(self) -> None:
        self.get_or_create(identity=identity_of_the_database())


class SendingPermit(models.Model):
    """A database that may send mail, by an identity that no dump and no copy takes along."""

    identity = models.CharField(max_length=80, unique=True)
    armed_at = models.DateTimeField(db_default=Now())

    objects = SendingPermitQuerySet.as_manager()

    class Meta:
        verbose_name = _("database that may mail")
        verbose_name_plural = _("databases that may mail")

    def __str__(self) -> str:
        return self.identity


def identity_of_the_database() -> str:
    """The cluster's number, the database's in it, and that of this very table: a restore in place makes another."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT concat_ws('/', system_identifier, database.oid, 'subscribers_sendingpermit'::regclass::oid)"
            " FROM pg_control_system(), pg_database AS database WHERE datname = current_database()"
        )
        return str(cursor.fetchone()[0])
