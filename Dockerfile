# The service, built from source as `npm start` builds it.
# Debian rather than Alpine, because that libc is the one the tests run on.
ARG NODE_IMAGE=node:26-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY scripts/build.mjs ./scripts/
COPY src ./src
COPY clients ./clients
RUN node scripts/build.mjs
# The optional package brings a Node for checkouts on older systems; the image has its own.
RUN npm ci --ignore-scripts --omit=dev --omit=optional

FROM ${NODE_IMAGE}
# Reached from outside the container, so callers sign in: the first start tells an administrator. Where the port is for
# this machine alone, EDGETWIN_AUTH=open with EDGETWIN_ALLOW_OPEN=1 lets everybody in.
ENV NODE_ENV=production \
    EDGETWIN_HOST=0.0.0.0 \
    EDGETWIN_AUTH=required \
    EDGETWIN_DATA=/data
WORKDIR /app
RUN mkdir /data && chown node:node /data
COPY --from=build /app/node_modules ./node_modules
COPY package.json ./
COPY migrations ./migrations
COPY --from=build /app/dist ./dist
USER node
VOLUME /data
EXPOSE 8480
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.EDGETWIN_PORT || 8480}/health/ready`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# No npm in between: SIGTERM must reach the process itself, which drains and closes.
CMD ["node", "--expose-gc", "--min-semi-space-size=4", "--max-semi-space-size=16", "--no-allocation-site-pretenuring", "--v8-pool-size=1", "dist/main.js"]
