#!/bin/sh
# Checks in a version of Swagger UI, from the package swagger-ui-dist:
#
#   docs/ui/update.sh 5.35.0
#
# The version stands in the name of the folder, and so in the addresses of the files. Needs npm, which
# compares what it fetches with the registry's checksum.
set -eu
[ $# -eq 1 ] || { echo "usage: $0 VERSION" >&2; exit 2; }
cd "$(dirname "$0")"
folder=swagger-ui-$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

npm pack --silent --pack-destination "$scratch" "swagger-ui-dist@$1" >/dev/null
tar -xzf "$scratch/swagger-ui-dist-$1.tgz" -C "$scratch"

rm -rf swagger-ui-*
mkdir "$folder"
for name in swagger-ui-bundle.js swagger-ui.css; do
  gzip -9n <"$scratch/package/$name" >"$folder/$name.gz" # served as it is to who takes it
done
cp "$scratch/package/favicon-32x32.png" "$scratch/package/swagger-ui-bundle.js.LICENSE.txt" "$folder"
cp "$scratch/package/LICENSE" "$folder/LICENSE.txt"
cp "$scratch/package/NOTICE" "$folder/NOTICE.txt"
chmod 644 "$folder"/*
touch "$folder"/*

sed "s|/docs/swagger-ui-[^/]*/|/docs/$folder/|" index.html >"$scratch/index.html"
cat "$scratch/index.html" >index.html
