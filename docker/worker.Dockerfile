# The worker alone. Built from the repository's root: docker build -f docker/worker.Dockerfile -t rowmill .
FROM rust:1.95-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends pkg-config libssl-dev zlib1g-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --release --locked --package worker --bin rowmill && cp target/release/rowmill /rowmill

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates libssl3 zlib1g && rm -rf /var/lib/apt/lists/* \
    && useradd --system --no-create-home --uid 999 rowmill
COPY --from=build /rowmill /usr/local/bin/rowmill
# By number, so that an orchestrator sees that it is not root.
USER 999
EXPOSE 8083
# SIGTERM drains: what was read is committed before the process ends.
STOPSIGNAL SIGTERM
ENTRYPOINT ["rowmill"]
CMD ["worker", "/etc/rowmill/worker.properties"]
