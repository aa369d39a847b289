# Sourced by publish-images and publish-charts.

# Succeeds if the registry has the image or chart with a valid signature. Fails if it is missing
# (11) or has no signature (10). Ends the script if the registry does not answer, or if another
# workflow or commit signed it: users may have that image, and it must not be overwritten.
published() { # image
  local problem listed status=0
  problem=$(scripts/verify-image "$1" 2>&1 >/dev/null) || status=$?
  case $status in
    0) echo "publish: $1 exists and is signed"; return ;;
    11) return 1 ;;
    10)
      # `cosign verify` returns 10 too if it cannot read signatures. `cosign tree` then fails.
      local none=$'\n''No Supply Chain Security Related Artifacts found '
      listed=$(cosign tree "$1" 2>&1) && [[ "$listed" == *"$none"* && "$listed" != *Error* ]] &&
        return 1
      problem+=$'\n'$listed
      ;;
  esac
  echo "publish: $1 may exist from another source and is not overwritten: $problem" >&2
  exit 1
}
