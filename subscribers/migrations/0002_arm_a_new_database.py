from django.db import migrations


class Migration(migrations.Migration):
    """A database that was set up here may send mail; one that was restored has another identity and may not.

    Reversible: reversing disarms it.
    """

    dependencies = [("subscribers", "0001_subscribers")]
    operations = [
        migrations.RunSQL(
            "INSERT INTO subscribers_station (identity) "
            "SELECT system_identifier::text || '/' || (SELECT oid FROM pg_database WHERE datname = current_database()) "
            "FROM pg_control_system()",
            "DELETE FROM subscribers_station",
        )
    ]
