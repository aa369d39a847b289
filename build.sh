#!/usr/bin/env bash
# Builds the images of the services. An image's tag is the hash of everything that goes into it, so the same sources
# have the same tag on every computer, and a deployment changes exactly when an image does.
set -euo pipefail
cd "$(dirname "$0")"

usage() {
  cat <<'USAGE'
Usage: build.sh --all | --backend | --frontend [--tag TAG] [--load | --push] [--print-tag]

  --all, --backend, --frontend   which images to build; several may be named
  --tag TAG      use this tag instead of the content hash
  --load         put the images into the Kind cluster $KIND_CLUSTER (default: guestbook)
  --push         send the images to their registry; IMAGE_REPOSITORY must name one
  --print-tag    only print each image with its tag, build nothing
  -h, --help     show this

Environment:
  IMAGE_REPOSITORY  what stands before the image's name, such as ghcr.io/you (default: none)
  BASE_IMAGE        the Node 24 image to build on (default: pinned in the Dockerfiles)
  VERSION           version label (default: that of package.json)
  PLATFORMS         with --push: platforms to build for, such as linux/amd64,linux/arm64, with SBOM and provenance (needs buildx)
USAGE
}

refuse() {
  echo "build.sh: $1" >&2
  usage >&2
  exit 2
}

services=() tag='' action='' print_tag=''
while [ $# -gt 0 ]; do
  case "$1" in
    --all) services=(backend frontend) ;;
    --backend | --frontend) services+=("${1#--}") ;;
    --tag) [ -n "${2:-}" ] || refuse '--tag needs a value'; tag=$2; shift ;;
    --load | --push) [ -z "$action" ] || [ "$action" = "$1" ] || refuse '--load and --push exclude each other'; action=$1 ;;
    --print-tag) print_tag=yes ;;
    -h | --help) usage; exit 0 ;;
    *) refuse "unknown option $1" ;;
  esac
  shift
done
[ ${#services[@]} -gt 0 ] || refuse 'name an image: --all, --backend or --frontend'
[ "$action" != --push ] || [ -n "${IMAGE_REPOSITORY:-}" ] || refuse '--push needs IMAGE_REPOSITORY'
[[ "$tag" =~ ^([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$ ]] || refuse "\"$tag\" cannot be a tag"

content_hash() { # service
  {
    echo "${BASE_IMAGE:-}"
    find package.json package-lock.json .npmrc .dockerignore services/*/package.json infra/package.json system-tests/package.json tests/package.json "services/$1" services/service-kit \
      \( -name node_modules -o -name test -o -name Makefile -o -name tsconfig.json -o -name openapi.json \) -prune -o -type f -print0 |
      LC_ALL=C sort -zu | xargs -0 sha256sum
  } | sha256sum | cut -c1-12
}

[ -n "$print_tag" ] || command -v docker >/dev/null || { echo "build.sh: docker is not on the PATH: install it first" >&2; exit 1; }

log=$(mktemp) metadata=$(mktemp)
trap 'rm -f "$log" "$metadata"' EXIT
build=(docker build)
# An image for several platforms, with what it is made of beside it: only a registry can hold that.
if [ "$action" = --push ] && [ -n "${PLATFORMS:-}" ]; then
  build=(docker buildx build --platform "$PLATFORMS" --sbom true --provenance mode=max --push --metadata-file "$metadata")
fi

for service in "${services[@]}"; do
  image="${IMAGE_REPOSITORY:+$IMAGE_REPOSITORY/}guestbook-$service:${tag:-$(content_hash "$service")}"
  if [ -n "$print_tag" ]; then
    echo "$image"
    continue
  fi
  echo "build: $image"
  # Not --quiet, by which BuildKit names the command that failed and keeps to itself what it said.
  "${build[@]}" --file "services/$service/Dockerfile" --tag "$image" \
    ${BASE_IMAGE:+--build-arg BASE_IMAGE="$BASE_IMAGE"} \
    --build-arg VERSION="${VERSION:-$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)}" \
    --build-arg REVISION="$(git rev-parse HEAD 2>/dev/null || echo unknown)" . &>"$log" || { cat "$log" >&2; exit 1; }
  case "$action" in
    --load)
      scripts/kind-load "${KIND_CLUSTER:-guestbook}" "$image"
      ;;
    --push)
      if [ -n "${PLATFORMS:-}" ]; then
        echo "push: $image@$(sed -n 's/.*"containerimage\.digest": "\(sha256:[0-9a-f]*\)".*/\1/p' "$metadata")"
        continue
      fi
      echo "push: $image"
      docker push --quiet "$image"
      ;;
  esac
done
