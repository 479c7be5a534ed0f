package pgtest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// StartSecure starts a server of its own that talks over TLS only, with a certificate that nobody else has signed, and whose URLs
// require that and channel binding, as Neon's do.
func StartSecure(ctx context.Context) (*Server, error) {
	c, err := newCluster(hasty...)
	if err != nil {
		return nil, err
	}
	c.secure = true
	return c.start(ctx)
}

// addCertificate adds a key and its certificate.
func addCertificate(files map[string]string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("making a key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "pgtest"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	private, keyErr := x509.MarshalPKCS8PrivateKey(key)
	if err := errors.Join(err, keyErr); err != nil {
		return fmt.Errorf("making a certificate: %w", err)
	}
	files["server.crt"] = encodePEM("CERTIFICATE", certificate)
	files["server.key"] = encodePEM("PRIVATE KEY", private)
	return nil
}

func encodePEM(kind string, content []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}))
}
