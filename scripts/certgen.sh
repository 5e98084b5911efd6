#!/bin/sh
# Makes the certificate of a secured metaserver from the cluster's authority, as KubeEdge's certgen.sh does:
#   CA_PATH=./ CERT_PATH=./ scripts/certgen.sh stream      writes streamCA.crt, stream.crt and stream.key
# It serves as the server's certificate and, beside a token, as a client's. From the environment:
#   K8SCA_PATH   folder of ca.crt and ca.key      /var/lib/edgesite/pki, else /etc/kubernetes/pki
#   ADDRESSES    IP addresses of the metaserver   127.0.0.1 169.254.30.10
#   SUBJECT      of the certificate               /O=KubeEdge (no CN: it names nobody, a token does)
#   DAYS         how long it is valid             365
# For tests and trials: without it the metaserver asks the API for a certificate and renews it by itself.
set -eu

fail() {
  echo "certgen: $*" >&2
  exit 1
}

stream() {
  authority=${K8SCA_PATH:-/var/lib/edgesite/pki}
  [ -n "${K8SCA_PATH:-}" ] || [ -f "$authority/ca.key" ] || authority=/etc/kubernetes/pki
  for file in "$authority/ca.crt" "$authority/ca.key"; do
    [ -r "$file" ] || fail "cannot read $file: name the folder of the cluster's authority in K8SCA_PATH"
  done
  command -v openssl >/dev/null 2>&1 || fail "openssl is missing: install it, or leave the tls files unset"
  ca_path=${CA_PATH:-/etc/kubeedge/ca}
  cert_path=${CERT_PATH:-/etc/kubeedge/certs}
  mkdir -p "$ca_path" "$cert_path"
  umask 077

  names=DNS:localhost
  for address in ${ADDRESSES:-127.0.0.1 169.254.30.10}; do
    names="$names,IP:$address"
  done
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  printf '%s\n' "basicConstraints=critical,CA:FALSE" "keyUsage=critical,digitalSignature,keyEncipherment" \
    "extendedKeyUsage=serverAuth,clientAuth" "subjectAltName=$names" >"$work/extensions"

  openssl genrsa -out "$cert_path/stream.key" 2048 2>/dev/null
  openssl req -new -key "$cert_path/stream.key" -subj "${SUBJECT:-/O=KubeEdge}" -out "$work/stream.csr"
  openssl x509 -req -in "$work/stream.csr" -CA "$authority/ca.crt" -CAkey "$authority/ca.key" -sha256 \
    -set_serial "0x$(openssl rand -hex 15)" -days "${DAYS:-365}" -extfile "$work/extensions" \
    -out "$cert_path/stream.crt" 2>/dev/null
  cp "$authority/ca.crt" "$ca_path/streamCA.crt"
  chmod 644 "$ca_path/streamCA.crt" "$cert_path/stream.crt"
}

case ${1:-} in
  stream) stream ;;
  *) fail "usage: CA_PATH=DIR CERT_PATH=DIR $0 stream" ;;
esac
