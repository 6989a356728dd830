# hedui: two stages; what runs holds no build tools and no root. The root file system may be read-only
# (docker run --read-only --tmpfs /tmp): only the volume is written.
FROM python:3.12-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/hedui \
    && /opt/hedui/bin/pip install --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY connectors connectors
COPY matching matching
COPY migrations migrations
RUN /opt/hedui/bin/pip install --no-deps --no-build-isolation .

FROM python:3.12-slim-trixie
# pg_dump and pg_restore, for `hedui backup`: as new as the servers that are backed up, or newer.
RUN apt-get update \
    && apt-get install --no-install-recommends --yes postgresql-client-17 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 hedui \
    && useradd --uid 10001 --gid hedui --home-dir /var/lib/hedui --create-home hedui
COPY --from=build /opt/hedui /opt/hedui
ENV PATH=/opt/hedui/bin:$PATH \
    HEDUI_DATA_DIR=/var/lib/hedui \
    HEDUI_HOST=0.0.0.0 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /var/lib/hedui
VOLUME /var/lib/hedui
EXPOSE 8000
# Exec forms: signals reach hedui itself, which ends what it has in hand.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
ENTRYPOINT ["hedui"]
CMD ["serve"]
