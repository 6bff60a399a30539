# Doubletake as an image: the program as `npm start` runs it, its pages built, its data in /data. FFmpeg comes inside an npm package (GPL, see NOTICE).
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev
COPY . .
RUN npm run build

FROM node:24-bookworm-slim
# FFmpeg's whisper filter calls it, whatever it computes on: captions by a model of one's own die without.
RUN apt-get update -q && apt-get install -y -q --no-install-recommends libvulkan1 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV NODE_ENV=production DOUBLETAKE_HOST=0.0.0.0 DOUBLETAKE_DATA=/data
COPY --from=build --chown=root:root /app /app
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 7000/tcp 3478/udp 3479/udp
HEALTHCHECK --interval=30s --timeout=5s CMD ["node", "-e", "fetch('http://127.0.0.1:7000/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# No shell in between: SIGTERM reaches the program, which acks what has come and tells the tabs to come back.
ENV UV_THREADPOOL_SIZE=16
CMD ["node", "--initial-old-space-size=256", "dist/main.mjs"]
