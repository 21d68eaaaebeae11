#!/bin/sh
# Builds the Kubernetes programs named as arguments (kubelet, kube-proxy, …) from Debian's source package. Runs inside
# a throw-away Debian root: the source package is in /build/source, the programs go to /build/out.
#
# Same source, same compiler, same bytes: paths are trimmed, and the only date in the programs is that of the package's
# changelog. Each line that starts with "step" tells kiln how far the build is.
set -eu

programs="$*"
steps=$(($# + 2))
step=0

announce() {
    step=$((step + 1))
    echo "step $step/$steps $1"
}

announce "unpack the Kubernetes source package"
cd /build
# apt has checked the files against the archive's signed index; the key of the uploader is not in the build root.
dpkg-source --no-check --extract source/*.dsc kubernetes >/dev/null
cd kubernetes
mkdir -p .go/src/k8s.io
ln -sfn ../../.. .go/src/k8s.io/kubernetes

SOURCE_DATE_EPOCH=$(dpkg-parsechangelog --show-field Timestamp)
# /tmp of the build root may be small or shared; everything stays under /build and goes with it.
export SOURCE_DATE_EPOCH GOPATH="$PWD/.go" GOCACHE=/build/cache HOME=/build TMPDIR=/build
export GO111MODULE=off GOFLAGS=-trimpath CGO_ENABLED=0 LC_ALL=C.UTF-8 TZ=UTC

announce "generate code"
make generated_files

for program in $programs; do
    announce "compile $program"
    hack/make-rules/build.sh "cmd/$program"
done

mkdir -p /build/out
for program in $programs; do
    install -m 0755 "_output/local/go/bin/$program" "/build/out/$program"
done
