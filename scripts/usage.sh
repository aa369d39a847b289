# Sourced by scripts without arguments: `no_arguments USAGE "$@"` prints the usage for --help, and
# ends with status 2 on any other argument.
no_arguments() {
  case "${2:-}" in
    '') ;;
    -h | --help) echo "$1"; exit 0 ;;
    *) echo "$1" >&2; exit 2 ;;
  esac
}
