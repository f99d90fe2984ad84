package dev.hindsight.http;

import java.nio.file.Path;
import java.util.Optional;

/** Where a server's certificate is: a key store, or a PEM certificate chain and its PKCS#8 key. The password never prints. */
public record TlsFiles(
        Optional<Path> keyStore, Optional<String> keyStorePassword, Optional<Path> certificate, Optional<Path> key) {
    @Override
    public String toString() {
        return "TlsFiles[keyStore=" + keyStore + ", certificate=" + certificate + ", key=" + key + "]";
    }
}
