from django.db import migrations


class Migration(migrations.Migration):
    """The permission to lift the suppression of an address that was unreachable. Reversible."""

    dependencies = [("subscribers", "0019_inboxes_of_our_own")]
    operations = [
        migrations.AlterModelOptions(
            name="suppression",
            options={
                "permissions": [
                    ("lift_suppression", "Can lift a suppression of an address that was unreachable")
                ],
                "verbose_name": "suppression",
            },
        ),
    ]
