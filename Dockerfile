FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
# requirements-providers.txt where a mail service reports bounces and complaints (see docs/runbook.md).
ARG REQUIREMENTS=requirements.txt
COPY requirements.txt requirements-providers.txt ./
RUN pip install --no-cache-dir --require-hashes --only-binary :all: --no-binary dkimpy -r "$REQUIREMENTS"
COPY . .
# The manifest of the static files needs no secret and no server; the addresses are read and not used.
RUN DEBUG=0 SITE_URL=http://localhost DATABASE_URL=postgres://none@localhost/none REDIS_URL=redis://localhost/0 \
    SECRET_KEY=only-to-read-the-settings-while-the-image-is-built ADDRESS_KEY=only-to-read-the-settings-while-the-image-is-built \
    python manage.py collectstatic --noinput \
    && useradd --system --uid 10001 --no-create-home llmwatch \
    && mkdir /media && chown llmwatch /media
USER llmwatch
ENV MEDIA_ROOT=/media
EXPOSE 8000
# A sync worker for each request in hand; nginx keeps slow readers away from them.
CMD ["gunicorn", "llmwatch.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--max-requests", "5000", "--max-requests-jitter", "500"]
