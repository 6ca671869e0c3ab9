from django.db import migrations


class Migration(migrations.Migration):
    """The identity of a database counts the table that holds it, so that a restore in place disarms too.

    Reversible: reversing shortens the identity again.
    """

    dependencies = [("subscribers", "0003_mailings_that_meet_setbacks")]
    operations = [
        migrations.RunSQL(
            "UPDATE subscribers_station SET identity = identity || '/' || 'subscribers_station'::regclass::oid",
            "UPDATE subscribers_station SET identity = regexp_replace(identity, '/[0-9]+$', '')",
        )
    ]
