FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG RELEASE COMMIT BUILT
RUN CGO_ENABLED=0 go build -trimpath -tags otlp -o /todo-backend \
    -ldflags "-s -w -X main.release=$RELEASE -X main.commit=$COMMIT -X main.built=$BUILT" .

FROM alpine:3.22
COPY --from=build /todo-backend /usr/local/bin/
ENV APP_ENV=production PORT=8000
USER nobody
EXPOSE $PORT
# Whether the process lives, not whether its database does: a restart would not mend that.
HEALTHCHECK --interval=10s --timeout=3s CMD wget -q -O /dev/null http://127.0.0.1:$PORT/health
ENTRYPOINT ["todo-backend"]
