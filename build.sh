#!/usr/bin/env bash
# Builds the images of the services, those with a services/NAME/Dockerfile. The tag of an image is
# the hash of its sources: it is the same on every computer, and changes only with the content.
set -euo pipefail
cd "$(dirname "$0")"

all=(services/*/Dockerfile)
all=("${all[@]#services/}")
all=("${all[@]%/Dockerfile}")
options=("${all[@]/#/--}")

usage() {
  cat <<USAGE
Usage: build.sh (--all | ${options[*]}) [--tag TAG] [--load | --push] [--print-tag]

  --all          build the images of all services; else name one or several
  --tag TAG      use this tag instead of the content hash
  --load         load the images into the Kind cluster \$KIND_CLUSTER (default: guestbook)
  --push         push the images to the registry of IMAGE_REPOSITORY
  --print-tag    print each image with its tag, and build nothing
  -h, --help     show this

Environment:
  IMAGE_REPOSITORY  prefix of the images' names, such as ghcr.io/you (default: none)
  BASE_IMAGE        Node 24 image to build on (default: pinned in the Dockerfiles)
  VERSION           version label (default: the version in package.json)
  PLATFORMS         with --push: platforms to build for, such as linux/amd64,linux/arm64,
                    with SBOM and provenance (needs buildx)
USAGE
}

usage_error() {
  echo "build.sh: $1" >&2
  usage >&2
  exit 2
}

services=() tag='' action='' print_tag=''
while [ $# -gt 0 ]; do
  case "$1" in
    --all) services=("${all[@]}") ;;
    --tag) [ -n "${2:-}" ] || usage_error '--tag needs a value'; tag=$2; shift ;;
    --load | --push)
      [[ "$action" =~ ^("$1")?$ ]] || usage_error '--load and --push exclude each other'
      action=$1
      ;;
    --print-tag) print_tag=yes ;;
    -h | --help) usage; exit 0 ;;
    *)
      [[ " ${options[*]} " == *" $1 "* ]] || usage_error "unknown option $1"
      services+=("${1#--}")
      ;;
  esac
  shift
done
[ ${#services[@]} -gt 0 ] || usage_error "name an image: --all ${options[*]}"
[ "$action" != --push ] || [ -n "${IMAGE_REPOSITORY:-}" ] ||
  usage_error '--push needs IMAGE_REPOSITORY'
[[ "$tag" =~ ^([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$ ]] || usage_error "invalid tag \"$tag\""

content_hash() { # service
  local not_in_image=(-name node_modules -o -name test -o -name Makefile -o -name tsconfig.json
    -o -name openapi.json)
  {
    echo "${BASE_IMAGE:-}"
    find package-lock.json .npmrc .dockerignore ./package.json ./*/package.json \
      services/*/package.json "services/$1" services/service-kit \
      \( "${not_in_image[@]}" \) -prune -o -type f -print0 |
      LC_ALL=C sort -zu | xargs -0 sha256sum
  } | sha256sum | cut -c1-12
}

if [ -z "$print_tag" ] && ! command -v docker >/dev/null; then
  echo "build.sh: docker is not on the PATH: install it first" >&2
  exit 1
fi

log=$(mktemp) metadata=$(mktemp)
trap 'rm -f "$log" "$metadata"' EXIT
build=(docker build)
# Only a registry can store an image for several platforms and its attestations.
if [ "$action" = --push ] && [ -n "${PLATFORMS:-}" ]; then
  build=(docker buildx build --platform "$PLATFORMS" --sbom true --provenance mode=max
    --push --metadata-file "$metadata")
fi
version=${VERSION:-$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)}
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)

for service in "${services[@]}"; do
  image="${IMAGE_REPOSITORY:+$IMAGE_REPOSITORY/}guestbook-$service"
  image+=":${tag:-$(content_hash "$service")}"
  if [ -n "$print_tag" ]; then
    echo "$image"
    continue
  fi
  echo "build: $image"
  # With --quiet, BuildKit would hide the output of a command that fails.
  "${build[@]}" --file "services/$service/Dockerfile" --tag "$image" \
    ${BASE_IMAGE:+--build-arg BASE_IMAGE="$BASE_IMAGE"} --build-arg VERSION="$version" \
    --build-arg REVISION="$revision" . &>"$log" || { cat "$log" >&2; exit 1; }
  case "$action" in
    --load) scripts/kind-load "${KIND_CLUSTER:-guestbook}" "$image" ;;
    --push)
      if [ -n "${PLATFORMS:-}" ]; then
        digest=$(sed -n 's/.*"containerimage\.digest": "\(sha256:[0-9a-f]*\)".*/\1/p' "$metadata")
        echo "push: $image@$digest"
      else
        echo "push: $image"
        docker push --quiet "$image"
      fi
      ;;
  esac
done
