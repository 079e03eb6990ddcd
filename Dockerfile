# docker build -t cliproxy .
# docker run -p 127.0.0.1:8317:8317 -v ./config.yaml:/config/config.yaml:ro -v cliproxy:/data cliproxy
#
# The config must say `host: 0.0.0.0`, or nobody outside the container reaches it, and then it needs `api-keys`: the
# proxy refuses to start without. `auth-dir: /data` keeps logins and learned model lists in the volume.
FROM oven/bun:1.4.5 AS build
WORKDIR /src
COPY package.json bun.lock ./
RUN bun install --frozen-lockfile --production
COPY . .
RUN bun run build && mkdir /data

FROM gcr.io/distroless/base-nossl-debian12:nonroot
COPY --from=build /src/dist/cliproxy /usr/local/bin/cliproxy
COPY --from=build --chown=nonroot:nonroot /data /data
VOLUME /data
EXPOSE 8317
ENTRYPOINT ["/usr/local/bin/cliproxy"]
CMD ["--config", "/config/config.yaml"]
