# One image, one role per container: `tourniquet worker <role>`.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY . .
RUN npm ci && npm prune --omit=dev

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
RUN mkdir /evidence /passkeys && chown node:node /evidence /passkeys
USER node
ENTRYPOINT ["node", "dist/cli/main.js"]
