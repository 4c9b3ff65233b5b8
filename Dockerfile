# Claw in a container. The LAN is where it lives: run it with host networking (see docker-compose.yml).
FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY claw ./claw
COPY skills ./skills
COPY soul ./soul
RUN pip wheel --no-cache-dir --wheel-dir /wheels ".[cluster]"

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 claw && install -d -o claw -g claw /data
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links /wheels "claw[cluster]"
USER claw
ENV CLAW_DATA=/data
VOLUME /data
EXPOSE 8400
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
  CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8400, timeout=2); c.request('GET', '/readyz'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["claw"]
CMD ["up", "--host", "0.0.0.0"]
