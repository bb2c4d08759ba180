# One OpenBao node as Tourniquet expects it. For high availability run three and add retry_join blocks.
storage "raft" {
  path    = "/var/lib/openbao"
  node_id = "tourniquet-1"
  # Raft's quickest timing: a new leader in about a second instead of several.
  performance_multiplier = 1
}

listener "tcp" {
  address         = "0.0.0.0:8200"
  cluster_address = "127.0.0.1:8201"
  tls_cert_file   = "/etc/openbao/tls.crt"
  tls_key_file    = "/etc/openbao/tls.key"
}

# Declared here and not through the API, so that nobody with a token can switch it off.
# A request that cannot be written down is refused: watch the disk.
audit "file" "record" {
  description = "Every request and answer, secrets as HMAC"
  options {
    file_path = "/var/log/openbao/audit.log"
    mode      = "0600"
  }
}

api_addr     = "https://127.0.0.1:8200"
cluster_addr = "https://127.0.0.1:8201"
ui           = false
