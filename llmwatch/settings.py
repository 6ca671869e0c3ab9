"""Settings, all from the environment (docs/settings.md). Importing starts nothing; unsafe values stop the start."""

from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from llmwatch.environment import celery_url, read_environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = read_environment()

DEBUG = env.flag("DEBUG")
SECRET_KEY = env.key("SECRET_KEY", debug=DEBUG)
ADDRESS_KEY = env.key("ADDRESS_KEY", debug=DEBUG)
SITE_URL = env.url("SITE_URL", "http://127.0.0.1:8000" if DEBUG else "")
SITE_HOST = urlsplit(SITE_URL).hostname or ""
SITE_NAME = env.text("SITE_NAME", "LLM Watch")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if DEBUG else SITE_HOST)
if "*" in ALLOWED_HOSTS and not DEBUG:
    raise ImproperlyConfigured("ALLOWED_HOSTS is '*'; name the hosts that this site answers for.")

INSTALLED_APPS = [
    "llmwatch.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "taggit",
    "content_editor",
    "llmwatch.apps.FrameConfig",
    "core",
    "papers",
    "glossary",
    "issues",
    "subscribers",
    "mailings",
    "reading",
]

MIDDLEWARE = [
    "core.web.page_cache.PageCacheMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "llmwatch.csp_middleware.ContentPolicyMiddleware",
    "llmwatch.nul_middleware.NullCharacterMiddleware",
]

ROOT_URLCONF = "llmwatch.urls"
WSGI_APPLICATION = "llmwatch.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.site.site_context",
            ],
        },
    }
]

DATABASES = {
    "default": dj_database_url.parse(
        env.required("DATABASE_URL", "postgres://user:password@host/name"), conn_max_age=60
    )
}
if DATABASES["default"].get("ENGINE") != "django.db.backends.postgresql":
    raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database; LLM Watch runs on no other.")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.required("REDIS_URL", "redis://host:6379/0")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
# A developer wants to see what was just changed; elsewhere pages are kept as their Cache-Control says.
PAGE_CACHE = env.flag("PAGE_CACHE", default=not DEBUG)
PAGE_CACHE_PARAMETERS = ["page"]  # of the query; with any other, a page is made each time
EDGE_URL = env.url("EDGE_URL", "http://unset") if env.text("EDGE_URL") else ""
REFRESH_KEY = env.key("REFRESH_KEY", debug=DEBUG) if env.text("REFRESH_KEY") else ""
CELERY_BROKER_URL = celery_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
# Beat calls nothing but the clock: what is due stands in the database.
CELERY_BEAT_SCHEDULE = {"tick": {"task": "llmwatch.tasks.tick", "schedule": 60.0, "options": {"expires": 55}}}

ARXIV_API_URL = env.url("ARXIV_API_URL", "https://export.arxiv.org/api/query")
ARXIV_OAI_URL = env.url("ARXIV_OAI_URL", "https://oaipmh.arxiv.org/oai")
ARXIV_RSS_URL = env.url("ARXIV_RSS_URL", "https://rss.arxiv.org/rss")
ARXIV_CONTACT = env.text("ARXIV_CONTACT", SITE_URL)
# arXiv allows one request in three seconds; below that only a simulator on this machine may be asked.
ARXIV_IS_SIMULATED = all(
    urlsplit(address).hostname in {"127.0.0.1", "localhost", "::1"}
    for address in (ARXIV_API_URL, ARXIV_OAI_URL, ARXIV_RSS_URL)
)
ARXIV_DELAY = env.seconds("ARXIV_DELAY", 3.0, least=0.0 if ARXIV_IS_SIMULATED else 3.0)
ARXIV_BODIES_DAYS = env.number("ARXIV_BODIES_DAYS", 30, least=0, most=3650)
SEARCH_TIMEOUT = env.seconds("SEARCH_TIMEOUT", 3.0, least=0.1)
# Set to nothing: Hugging Face is never asked.
HF_API_URL = env.url_or_nothing("HF_API_URL", "https://huggingface.co/api")

# Mail: all of it leaves by core/mail/smtp.py. Django's own settings stand for what Django itself may mail.
MAIL_SERVER = env.mail_server("EMAIL_URL")
EMAIL_HOST, EMAIL_PORT = MAIL_SERVER.host or "localhost", MAIL_SERVER.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL_SERVER.user, MAIL_SERVER.password
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL_SERVER.tls, MAIL_SERVER.ssl
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"{SITE_NAME} <news@{SITE_HOST}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
REPLY_TO = env.text("REPLY_TO")
BOUNCE_ADDRESS = env.plus_address("BOUNCE_ADDRESS")
BOUNCE_MAILBOX = env.mailbox("BOUNCE_IMAP_URL")
MAIL_HOOKS = env.hooks("MAIL_HOOKS")
DKIM_SELECTOR = env.words("DKIM_SELECTOR", "")
DNS_SERVER = env.name_server("DNS_SERVER")
POSTAL_ADDRESS = env.text("POSTAL_ADDRESS")
MAIL_CONNECTIONS = env.number("MAIL_CONNECTIONS", 4, least=1, most=64)
MAIL_RATE = env.rate("MAIL_RATE")
MAIL_QUOTA = env.quota("MAIL_QUOTA")
MAIL_RAMP = env.daily("MAIL_RAMP")
MAIL_SEED_WAIT = env.number("MAIL_SEED_WAIT", 10, least=0, most=1440)  # minutes
COUNT_CLICKS = env.flag("COUNT_CLICKS")
OUTBOX_FOLDER = BASE_DIR / "var" / "outbox"  # what the demo's mail catcher keeps and /outbox/ shows, with DEBUG only
# Only these hops may say in X-Forwarded-For whom they speak for.
TRUSTED_PROXIES = env.words("TRUSTED_PROXIES", "127.0.0.1,::1")

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static_root"
STATICFILES_DIRS = [BASE_DIR / "llmwatch" / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(BASE_DIR / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_MANIFEST_STRICT = False

TAGGIT_CASE_INSENSITIVE = True
LANGUAGE_CODE = env.text("LANGUAGE_CODE", "en")
TIME_ZONE = env.text("TIME_ZONE", "UTC")
USE_I18N = True
USE_TZ = True
LOCALE_PATHS = [BASE_DIR / "locale"]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

SECURE = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = False  # nginx redirects; an unsubscribe POST must never meet a redirect
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
CSRF_TRUSTED_ORIGINS = [SITE_URL]
X_FRAME_OPTIONS = "SAMEORIGIN"
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W019", "security.W021"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "core.log_redaction.RedactingFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"httpx": {"level": "WARNING"}, "fontTools": {"level": "WARNING"}},
}
