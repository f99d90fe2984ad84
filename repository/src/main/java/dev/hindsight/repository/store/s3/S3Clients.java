package dev.hindsight.repository.store.s3;

import dev.hindsight.model.failure.UsageException;
import dev.hindsight.repository.store.s3.S3Settings.Credentials;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** Makes the SDK's client. Its retries are off: {@link S3Calls} makes them. */
final class S3Clients {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final int MAX_CONNECTIONS = 64;
    /** What an endpoint that is not Amazon's is signed for, unless told otherwise. */
    private static final String ANY_REGION = "us-east-1";

    private S3Clients() {}

    static S3Client open(S3Settings settings, AwsCredentialsProvider credentials) {
        Apache5HttpClient.Builder http = Apache5HttpClient.builder()
                .connectionTimeout(CONNECT_TIMEOUT)
                .connectionAcquisitionTimeout(settings.timeout())
                .socketTimeout(settings.timeout())
                .maxConnections(MAX_CONNECTIONS)
                .tcpKeepAlive(true);
        settings.ca().map(S3Clients::trust).ifPresent(managers -> http.tlsTrustManagersProvider(() -> managers));
        S3ClientBuilder builder = S3Client.builder()
                .httpClientBuilder(
                        defaults -> new WatchedHttpClient(http.buildWithDefaults(defaults), settings.timeout()))
                .credentialsProvider(credentials)
                .forcePathStyle(settings.pathStyle())
                .requestChecksumCalculation(
                        settings.checksums() == S3Settings.Checksums.WHEN_SUPPORTED
                                ? RequestChecksumCalculation.WHEN_SUPPORTED
                                : RequestChecksumCalculation.WHEN_REQUIRED)
                // Whatever is read is checked against the digest of what names it, so the server's sum adds nothing.
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .overrideConfiguration(override -> override.retryStrategy(DefaultRetryStrategy.doNotRetry()));
        if (settings.endpoint().isPresent()) {
            URI server = settings.endpoint().get();
            builder.endpointOverride(server).region(Region.of(settings.region().orElse(ANY_REGION)));
        } else {
            settings.region().map(Region::of).ifPresent(builder::region);
        }
        try {
            return builder.build();
        } catch (SdkClientException e) {
            throw new UsageException(
                    settings.location() + ": no client can be made: " + e.getMessage(),
                    "set repository.s3.region, or AWS_REGION, to the region of the bucket",
                    e);
        }
    }

    static AwsCredentialsProvider credentials(S3Settings settings) {
        if (settings.credentials().isPresent()) {
            return fixed(settings.credentials().get());
        }
        DefaultCredentialsProvider.Builder chain = DefaultCredentialsProvider.builder();
        settings.profile().ifPresent(chain::profileName);
        return chain.build();
    }

    static AwsCredentialsProvider fixed(Credentials keys) {
        return StaticCredentialsProvider.create(
                keys.sessionToken().isPresent()
                        ? AwsSessionCredentials.create(
                                keys.accessKey(),
                                keys.secretKey(),
                                keys.sessionToken().get())
                        : AwsBasicCredentials.create(keys.accessKey(), keys.secretKey()));
    }

    private static TrustManager[] trust(Path pem) {
        try (InputStream in = Files.newInputStream(pem)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            int number = 0;
            for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca-" + number++, one);
            }
            if (number == 0) {
                throw new IOException("no certificate in it");
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(store);
            return managers.getTrustManagers();
        } catch (GeneralSecurityException | IOException e) {
            throw new UsageException(
                    "repository.s3.ca " + pem + " cannot be read: " + e.getMessage(),
                    "give a PEM file with the certificate of the CA that signed the server's",
                    e);
        }
    }
}
