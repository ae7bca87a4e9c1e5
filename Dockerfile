# The compiler runs on the machine that builds (BUILDPLATFORM) and writes for the one that will run (TARGET*), so
# `docker buildx build --platform linux/amd64,linux/arm64 .` needs no emulation.
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src

# The modules are a layer of their own: a change of the code does not fetch them again.
COPY go.mod go.sum ./
RUN go mod download

COPY . .
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=unknown
ARG REVISION=unknown
ARG BRANCH=unknown
ARG BUILD_DATE=unknown
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -buildvcs=false -o /ossvector_exporter -ldflags "-s -w \
      -X github.com/prometheus/common/version.Version=$VERSION \
      -X github.com/prometheus/common/version.Revision=$REVISION \
      -X github.com/prometheus/common/version.Branch=$BRANCH \
      -X github.com/prometheus/common/version.BuildUser=docker \
      -X github.com/prometheus/common/version.BuildDate=$BUILD_DATE" .

FROM gcr.io/distroless/static:nonroot
ARG VERSION=unknown
ARG REVISION=unknown
ARG BUILD_DATE=unknown
LABEL org.opencontainers.image.title="ossvector_exporter" \
      org.opencontainers.image.description="Prometheus exporter for the vector buckets of Alibaba Cloud OSS" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$BUILD_DATE"
COPY --from=build /ossvector_exporter /ossvector_exporter
# By number: Kubernetes cannot check runAsNonRoot against a name.
USER 65532:65532
EXPOSE 10073
ENTRYPOINT ["/ossvector_exporter"]
# Relative file names and the default config.yml are looked for here; mount the configuration into it.
WORKDIR /etc/ossvector_exporter
