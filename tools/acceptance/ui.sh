#!/bin/bash
# ui.sh [OUT]: the page of ./rlhf4j ui in a real browser: Playwright from PyPI, axe-core from npm, Chromium from Debian (apt-get install chromium) or CHROMIUM=...
# Runs every tools/acceptance/ui_*.py but ui_pages.py, a line a check; pictures and axe's reports are in OUT (by default target/ui). Needs 6 minutes on a quiet machine. UI_ONLY="ui_runs ui_chat" runs some of them.
set -u
home=$(cd "$(dirname "$0")/../.." && pwd)
out=${1:-$home/target/ui}
mkdir -p "$out" && out=$(cd "$out" && pwd)
tools=${UI_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/rlhf4j-ui}
mkdir -p "$tools"
if [ ! -x "$tools/v/bin/python" ] || ! "$tools/v/bin/python" -c 'import playwright' 2>/dev/null; then
  python3 -m venv "$tools/v" && "$tools/v/bin/pip" install -q 'playwright==1.65.2' || exit 1
fi
if [ ! -f "$tools/axe/axe.min.js" ]; then
  (cd "$tools" && npm pack --silent axe-core@4.11.0 >/dev/null && mkdir -p axe && tar xzf axe-core-4.11.0.tgz -C axe --strip-components=1) || exit 1
fi
export AXE=$tools/axe/axe.min.js OUT=$out RLHF4J=${RLHF4J:-$home/rlhf4j} CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)}
[ -n "$CHROMIUM" ] || { echo "no Chromium: apt-get install chromium, or set CHROMIUM"; exit 1; }
code=0
for script in "$home"/tools/acceptance/ui_*.py; do
  name=$(basename "$script" .py)
  [ "$name" != ui_pages ] || continue
  case " ${UI_ONLY:-$name} " in *" $name "*) ;; *) continue ;; esac
  echo "== $name"
  (cd "$out" && "$tools/v/bin/python" "$script") || code=1
done
exit $code
