package dev.hindsight.repository.store.s3;

import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.repository.store.s3.S3Settings.Credentials;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.services.s3.S3Client;

/** What only an S3 server can do wrong, tried once by {@code init}: whether it looks at the signature at all. */
final class S3Probe {
    private static final int SUCCESS = 200;

    private final S3Store store;
    private final S3Settings settings;
    private final AwsCredentialsProvider credentials;

    S3Probe(S3Store store, S3Settings settings, AwsCredentialsProvider credentials) {
        this.store = store;
        this.settings = settings;
        this.credentials = credentials;
    }

    void requireSafe() {
        AwsCredentials right = credentials.resolveCredentials();
        Optional<String> token =
                right instanceof AwsSessionCredentials session ? Optional.of(session.sessionToken()) : Optional.empty();
        String wrong = UUID.randomUUID().toString().toLowerCase(Locale.ROOT).replace("-", "");
        Credentials forged = new Credentials(right.accessKeyId(), wrong, token);
        try (S3Client client = S3Clients.open(settings, S3Clients.fixed(forged))) {
            client.listObjectsV2(request -> request.bucket(settings.bucket())
                    .prefix(store.named("probe/"))
                    .maxKeys(1));
        } catch (SdkServiceException e) {
            if (e.statusCode() / 100 != SUCCESS / 100) {
                return;
            }
            throw e;
        } catch (SdkException e) {
            throw S3Failures.of("probe with a wrong secret key", settings, e);
        }
        throw new UnsupportedException(
                "the store " + store.location() + " is not safe for a repository: it takes any secret key",
                "switch on the server's authorisation, so that only the key's owner can read and delete backups");
    }
}
