from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class EditorialSite(admin.AdminSite):
    """The admin site: where editors curate."""

    site_header = _("LLM Watch")
    site_title = _("LLM Watch")
    index_title = _("Editorial desk")
