# One image for web, workers, beat, watch and commands; each container gets its own command.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements.txt /
RUN /venv/bin/pip install --require-hashes -r /requirements.txt

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /srv/hosho --shell /usr/sbin/nologin hosho
COPY --from=build /venv /venv
WORKDIR /srv/hosho
COPY manage.py ./
COPY config config
COPY coupons coupons
COPY payouts payouts
COPY applications applications
COPY templates templates
COPY static static
COPY locale locale
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VAR_DIR=/srv/hosho/var
# Hashes and compresses the static files; the settings of this one step reach nothing.
RUN REHEARSAL=1 HASHED_STATIC=1 DATABASE_URL=postgres://none@localhost/none \
    python manage.py collectstatic --noinput --verbosity 0
USER hosho
EXPOSE 8000
# Slow senders are the proxy's to wait for; here headers have ten seconds and 32 kB.
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", \
     "--workers", "2", "--blocking-threads", "16", "--backpressure", "64", \
     "--http1-header-read-timeout", "10000", "--http1-buffer-size", "32768", \
     "--respawn-failed-workers", "--no-access-log", "config.wsgi:application"]
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen(r.Request('http://127.0.0.1:8000/healthz', headers={'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '127.0.0.1', 'Host': 'localhost'}), timeout=2)"]
