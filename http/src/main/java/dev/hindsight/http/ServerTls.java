package dev.hindsight.http;

import dev.hindsight.model.failure.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** A server's certificate, from a key store or from PEM files. TLS 1.2 and 1.3 only, as Jetty chooses. */
final class ServerTls {
    private static final Pattern PKCS8 =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private ServerTls() {}

    static SslContextFactory.Server factory(TlsFiles tls, String configuredBy) {
        String password = tls.keyStorePassword().orElse("");
        SslContextFactory.Server factory = new SslContextFactory.Server();
        try {
            factory.setKeyStore(
                    tls.keyStore().isPresent()
                            ? KeyStore.getInstance(tls.keyStore().get().toFile(), password.toCharArray())
                            : pem(tls.certificate().orElseThrow(), tls.key().orElseThrow(), password));
        } catch (GeneralSecurityException | IOException e) {
            throw new UsageException(
                    "the certificate cannot be read (" + tls + "): " + e.getMessage(),
                    "check 'tls' in " + configuredBy + "; a PEM key must be PKCS#8 (openssl pkcs8 -topk8 -nocrypt)",
                    e);
        }
        factory.setKeyStorePassword(password);
        factory.setKeyManagerPassword(password);
        factory.setSniRequired(false);
        return factory;
    }

    private static KeyStore pem(Path certificate, Path key, String password)
            throws GeneralSecurityException, IOException {
        Certificate[] chain;
        try (InputStream in = Files.newInputStream(certificate)) {
            chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(in)
                    .toArray(Certificate[]::new);
        }
        if (chain.length == 0) {
            throw new IOException("no certificate in " + certificate);
        }
        Matcher matcher = PKCS8.matcher(Files.readString(key, StandardCharsets.US_ASCII));
        if (!matcher.find()) {
            throw new IOException("no PKCS#8 private key in " + key);
        }
        byte[] encoded = Base64.getMimeDecoder().decode(matcher.group(1));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", privateKey(encoded), password.toCharArray(), chain);
        return store;
    }

    private static Key privateKey(byte[] encoded) throws GeneralSecurityException {
        for (String algorithm : new String[] {"RSA", "EC", "Ed25519"}) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
            } catch (InvalidKeySpecException e) {
                continue; // Of another algorithm.
            }
        }
        throw new InvalidKeySpecException("neither RSA, EC nor Ed25519");
    }
}
