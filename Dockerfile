FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
# The static files' manifest needs no secret and no database.
RUN DEBUG=1 DATABASE_URL=postgres://none@localhost/none REDIS_URL=redis://localhost/0 python manage.py collectstatic --noinput \
    && useradd --system --uid 10001 llmwatch && mkdir -p /media && chown llmwatch /media
USER llmwatch
ENV MEDIA_ROOT=/media
EXPOSE 8000
CMD ["gunicorn", "llmwatch.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3"]
