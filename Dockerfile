# syntax=docker/dockerfile:1
# One image per program: BIN is gateway, procurement, classification, simulator or radar.
#
#   docker build --build-arg BIN=gateway --tag bouvetradar/gateway:0.1.0 .
#
# The stage `build` only has to leave /app and an empty /data. Whoever has a static binary already gives a directory
# with these two instead, and nothing is compiled: --build-context build=DIR (that is what CI does).
ARG RUST_VERSION=1.95

FROM rust:${RUST_VERSION}-slim-bookworm AS build
ARG BIN
WORKDIR /src
COPY . .
# Naming the target keeps build scripts and procedural macros dynamic; only the program becomes static.
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/src/target,sharing=locked \
    test -n "${BIN}" || { echo 'say which program: --build-arg BIN=gateway' >&2; exit 1; }; \
    target="$(rustc --print host-tuple)" \
    && RUSTFLAGS='-C target-feature=+crt-static' \
       cargo build --release --locked --target "${target}" --package "${BIN}" --bin "${BIN}" \
    && install -m 0755 "target/${target}/release/${BIN}" /app \
    && install -d /data

FROM scratch
ARG BIN
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="bouvetradar/${BIN}" \
      org.opencontainers.image.description="Bouvet Radar: ${BIN}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --from=build /app /app
COPY --from=build --chown=65532:65532 /data /data
ENV RADAR_ENV=production \
    LOG_FORMAT=json \
    GATEWAY_ADDR=0.0.0.0:8080 \
    PROCUREMENT_ADDR=0.0.0.0:50051 \
    CLASSIFICATION_ADDR=0.0.0.0:50052 \
    SIMULATOR_ADDR=0.0.0.0:8090 \
    METRICS_ADDR=0.0.0.0:9464 \
    DATA_DIR=/data
USER 65532:65532
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 CMD ["/app", "health"]
ENTRYPOINT ["/app"]
