# The core alone, without a window: docs/containers.md says how to use it.
FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run -s build:ready && npm prune --omit=dev --omit=optional

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    SANDPOST_DATA=/data \
    SANDPOST_HOST=0.0.0.0
WORKDIR /app
COPY --from=build /src/package.json ./
COPY --from=build /src/bin ./bin
COPY --from=build /src/out/core ./out/core
COPY --from=build /src/out/client ./out/client
COPY --from=build /src/out/renderer ./out/renderer
COPY --from=build /src/node_modules ./node_modules
RUN install -d -o 1000 -g 1000 /data
USER 1000
VOLUME /data
EXPOSE 1025 1053/tcp 1053/udp 1465 1587 2195 2197 2525 8025 8026 8027 8028 8443
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=5 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8025/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/sandpost.js"]
CMD ["serve"]
