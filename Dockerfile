# One image for every process of Ordeal: the command decides which (docker-compose.yml lists them).
# TypeScript runs as it is, by Node's type stripping: nothing is compiled here but the bundle that Temporal runs workflows from.

FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package that production needs has an install script that it needs.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && npm cache clean --force
# Temporal's native core comes for five platforms, 28 MB each; keep the one this image runs on.
RUN set -eu; \
    case "$(uname -m)" in \
      x86_64) keep=x86_64-unknown-linux-gnu ;; \
      aarch64) keep=aarch64-unknown-linux-gnu ;; \
      *) echo "no Temporal core for $(uname -m)" >&2; exit 1 ;; \
    esac; \
    test -d "node_modules/@temporalio/core-bridge/releases/$keep"; \
    find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 ! -name "$keep" -exec rm -rf {} +

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
# The shared folder of the set-up must belong to the account that the processes run as.
RUN mkdir /var/lib/ordeal && chown node:node /var/lib/ordeal
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY domain ./domain
COPY contracts ./contracts
COPY runtime ./runtime
COPY db ./db
COPY workflows ./workflows
COPY planning ./planning
COPY activities ./activities
COPY orchestration ./orchestration
COPY api ./api
COPY worker ./worker
COPY sidecar ./sidecar
COPY demo ./demo
COPY scripts-library ./scripts-library
COPY scripts ./scripts
# Else each start of a worker would do it.
RUN node scripts/bundle-workflows.ts workflow-bundle.js
ENV WORKFLOW_BUNDLE=/app/workflow-bundle.js
# Files stay root's: the processes cannot change the code they run.
USER node
# Node as process 1 gets the signals itself; api and worker handle them.
CMD ["node", "api/main.ts"]
