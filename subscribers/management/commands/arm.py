from typing import Any

from django.core.management.base import BaseCommand

from subscribers.models import SendingPermit


class Command(BaseCommand):
    help = "Lets this database send mail. A copy or a restored one must be armed by a person; a new one is."

    def handle(self, *args: Any, **options: Any) -> None:
        SendingPermit.objects.arm()
        self.stdout.write("This database may send mail; make sure that no other copy of it does.")
