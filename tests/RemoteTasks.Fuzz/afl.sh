#!/bin/sh
# Fuzzing guided by coverage: SharpFuzz marks the branches of the product, AFL++ looks for inputs that take new ones.
set -eu

if [ $# -lt 1 ] || [ "$1" = --help ] || [ "$1" = -h ]; then
    cat <<'HELP'
Usage: tests/RemoteTasks.Fuzz/afl.sh TARGET [SECONDS [FOLDER]]

Fuzzes a target (see 'RemoteTasks.Fuzz list') under AFL++ for a while, 120 seconds by default. Needs afl-fuzz
(apt-get install afl++). What AFL++ finds is in FOLDER (by default artifacts/afl/TARGET): default/crashes,
default/hangs, default/queue; a second run goes on from there. Exit code 1: something failed.

To see what an input does:    RemoteTasks.Fuzz replay TARGET FILE
To keep it for ever:          copy it to tests/RemoteTasks.Fuzz/Corpus/TARGET/, under a name that tells what it is
HELP
    exit 0
fi

target=$1
seconds=${2:-120}
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=${3:-$root/artifacts/afl/$target}
program=$root/artifacts/afl/program

cd "$root"
command -v afl-fuzz >/dev/null || { echo "afl-fuzz is not there: apt-get install afl++" >&2; exit 2; }
dotnet tool restore >/dev/null

# Marked anew each time: marks are put into copies, never into what is tested or shipped.
rm -rf "$program"
dotnet publish -c Release -o "$program" tests/RemoteTasks.Fuzz >/dev/null
for library in Cache Proxmox Server; do
    dotnet sharpfuzz "$program/RemoteTasks.$library.dll" >/dev/null
done

mkdir -p "$folder"
[ -d "$folder/default" ] && input=- || input=tests/RemoteTasks.Fuzz/Corpus/$target

# The time limit is for inputs; the first one also pays for the start of the runtime.
AFL_SKIP_BIN_CHECK=1 AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_AFFINITY=1 AFL_FORKSRV_INIT_TMOUT=60000 DOTNET_TieredPGO=0 \
    afl-fuzz -i "$input" -o "$folder" -t 2000+ -m none -V "$seconds" -- dotnet "$program/RemoteTasks.Fuzz.dll" afl "$target" >"$folder/log" 2>&1 ||
    { tail -20 "$folder/log" >&2; exit 2; }

grep -E '^(execs_done|execs_per_sec|corpus_count|corpus_found|saved_crashes|saved_hangs|bitmap_cvg|peak_rss_mb) ' "$folder/default/fuzzer_stats"
found=$(find "$folder/default/crashes" "$folder/default/hangs" -type f -name 'id*' | wc -l)
[ "$found" -eq 0 ] || { echo "$found inputs failed: $folder/default/crashes, $folder/default/hangs" >&2; exit 1; }
