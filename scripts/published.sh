# Sourced by publish-images and publish-charts.

# Whether an image or chart is in the registry with a good signature. It is not when it is not there (11), or was not yet signed when
# an earlier run ended (10). When nobody answers, or it was signed by somebody else or for another commit, it may be one that others
# already hold on to: that ends the script.
published() { # image
  local problem listed status=0
  problem=$(scripts/verify-image "$1" 2>&1 >/dev/null) || status=$?
  case $status in
    0) echo "publish: $1 is there already, signed"; return ;;
    11) return 1 ;;
    10)
      # To cosign's verify an image is without signature too when the registry does not hand its signatures out. What belongs to the
      # image, asked for by itself, is either nothing or an error.
      listed=$(cosign tree "$1" 2>&1) && [[ "$listed" == *$'\n'"No Supply Chain Security Related Artifacts found "* && "$listed" != *Error* ]] && return 1
      problem+=$'\n'$listed
      ;;
  esac
  echo "publish: $1 may be there already, from elsewhere, and is not overwritten: $problem" >&2
  exit 1
}
