"""Where mail services report bounces and complaints: for programs, without pages, cookies and redirects."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from mailings.bounces import webhooks


@csrf_exempt
@never_cache
def hook(request: HttpRequest, provider: str) -> HttpResponse:
    try:
        webhooks.receive_webhook(request, provider, timezone.now())
    except webhooks.NotTaken as other:
        return HttpResponse(f"{other}\n", content_type="text/plain", status=other.status, headers=other.headers)
    return HttpResponse(content_type="text/plain")
