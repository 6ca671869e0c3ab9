from django.apps import AppConfig
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _


class MailingsConfig(AppConfig):
    """The post: mailings, their deliveries, and what comes back."""

    name = "mailings"
    verbose_name = _("Mailings")

    def ready(self) -> None:
        from issues.editorial.mailing_hooks import counted_by, followed_at, hindered_by
        from mailings.admin.mailings import live_page
        from mailings.audience import audience_of
        from mailings.lifecycle import find_hindrance

        counted_by(lambda issue: audience_of(issue, localdate()).count())
        followed_at(live_page)
        hindered_by(find_hindrance)
