package dev.hindsight.repository.store.s3;

import dev.hindsight.model.failure.UsageException;
import dev.hindsight.repository.store.ObjectKeys;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a bucket is and how it wants to be spoken to. Made by {@link #at}.
 *
 * @param prefix in front of every key, without slashes at its ends; empty for the whole bucket
 * @param endpoint empty for Amazon's own
 * @param region empty: as the environment says, or {@code us-east-1} where an endpoint is given
 * @param pathStyle bucket in the path instead of in the host name
 * @param credentials empty for the usual chain: environment, profile file, web identity, container, instance
 * @param profile of the profile file, for that chain
 * @param ca certificates to believe, PEM; empty for what the JVM believes
 * @param timeout without a byte; whole calls get more in proportion to what they send
 * @param attempts of each call, the first included
 * @param multipartAboveBytes larger objects go in parts, where the server completes those create-only
 */
public record S3Settings(
        String bucket,
        String prefix,
        Optional<URI> endpoint,
        Optional<String> region,
        boolean pathStyle,
        Checksums checksums,
        Optional<Credentials> credentials,
        Optional<String> profile,
        Optional<Path> ca,
        Duration timeout,
        int attempts,
        long multipartAboveBytes) {
    /** Leaves the longest key room within the 1024 bytes of S3. */
    public static final int MAX_PREFIX_LENGTH = 120;

    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);
    public static final int DEFAULT_ATTEMPTS = 6;
    public static final long DEFAULT_MULTIPART_ABOVE_BYTES = 2L << 30; // 2 GiB

    /** The most that S3 takes in one put. */
    static final long MAX_SINGLE_PUT_BYTES = 5L << 30;

    private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    private static final Pattern LOCATION = Pattern.compile("s3://([^/]*)(?:/(.*?))?/?");

    /** Whether an upload carries a checksum that the server compares, besides the signature. */
    public enum Checksums {
        /** A CRC32 with every upload. Some servers refuse it or, worse, store its framing; {@code init} finds that. */
        WHEN_SUPPORTED,
        /** Only where S3 demands one. */
        WHEN_REQUIRED
    }

    /** A key pair; printing it shows no secret. */
    public record Credentials(String accessKey, String secretKey, Optional<String> sessionToken) {
        @Override
        public String toString() {
            return "Credentials[" + accessKey + "]";
        }
    }

    public S3Settings {
        if (!BUCKET.matcher(bucket).matches()) {
            throw new UsageException(
                    "'" + bucket + "' is not a bucket's name", "3 to 63 of a-z, 0-9, '.' and '-': s3://bucket/prefix");
        }
        if (!prefix.isEmpty() && (!ObjectKeys.isValid(prefix) || prefix.length() > MAX_PREFIX_LENGTH)) {
            throw new UsageException(
                    "'" + prefix + "' cannot be the prefix of a repository",
                    "parts of [A-Za-z0-9._=-] separated by '/', at most " + MAX_PREFIX_LENGTH
                            + " characters, the first one not 'tmp'");
        }
        if (endpoint.isPresent() && !isServer(endpoint.get())) {
            throw new UsageException(
                    "'" + endpoint.get() + "' is not an endpoint", "write https://HOST or https://HOST:PORT");
        }
        if (timeout.toMillis() < 100) {
            throw new UsageException("an S3 timeout of " + timeout.toMillis() + " ms is too short", "give 10s or more");
        }
        if (attempts < 1 || multipartAboveBytes < 1) {
            throw new IllegalArgumentException("attempts " + attempts + ", multipart above " + multipartAboveBytes);
        }
    }

    /**
     * @param location {@code s3://bucket} or {@code s3://bucket/prefix}
     * @throws UsageException when it is not of that form
     */
    public static Builder at(String location) {
        Matcher matcher = LOCATION.matcher(location);
        if (!matcher.matches()) {
            throw new UsageException("'" + location + "' is not the place of a bucket", "write s3://bucket/prefix");
        }
        return new Builder(
                matcher.group(1), Optional.ofNullable(matcher.group(2)).orElse(""));
    }

    /** What is not set stays at its default. */
    public static final class Builder {
        private final String bucket;
        private final String prefix;
        private Optional<URI> endpoint = Optional.empty();
        private Optional<String> region = Optional.empty();
        private Optional<Boolean> pathStyle = Optional.empty();
        private Checksums checksums = Checksums.WHEN_SUPPORTED;
        private Optional<Credentials> credentials = Optional.empty();
        private Optional<String> profile = Optional.empty();
        private Optional<Path> ca = Optional.empty();
        private Duration timeout = DEFAULT_TIMEOUT;
        private int attempts = DEFAULT_ATTEMPTS;
        private long multipartAboveBytes = DEFAULT_MULTIPART_ABOVE_BYTES;

        private Builder(String bucket, String prefix) {
            this.bucket = bucket;
            this.prefix = prefix;
        }

        /** Another server than Amazon's. */
        public Builder endpoint(URI server) {
            endpoint = Optional.of(server);
            return this;
        }

        public Builder region(String name) {
            region = Optional.of(name);
            return this;
        }

        /** Where it is not said, an endpoint of one's own means path style: few such servers know buckets by host name. */
        public Builder pathStyle(boolean inPath) {
            pathStyle = Optional.of(inPath);
            return this;
        }

        public Builder checksums(Checksums mode) {
            checksums = mode;
            return this;
        }

        public Builder credentials(Credentials keys) {
            credentials = Optional.of(keys);
            return this;
        }

        public Builder profile(String name) {
            profile = Optional.of(name);
            return this;
        }

        public Builder ca(Path pem) {
            ca = Optional.of(pem);
            return this;
        }

        public Builder timeout(Duration silence) {
            timeout = silence;
            return this;
        }

        public Builder attempts(int number) {
            attempts = number;
            return this;
        }

        public Builder multipartAboveBytes(long bytes) {
            multipartAboveBytes = bytes;
            return this;
        }

        /** @throws UsageException for a value that cannot be */
        public S3Settings build() {
            return new S3Settings(
                    bucket,
                    prefix,
                    endpoint,
                    region,
                    pathStyle.orElse(endpoint.isPresent()),
                    checksums,
                    credentials,
                    profile,
                    ca,
                    timeout,
                    attempts,
                    multipartAboveBytes);
        }
    }

    /** With credentials that were found later. */
    public S3Settings with(Credentials keys) {
        return new S3Settings(
                bucket,
                prefix,
                endpoint,
                region,
                pathStyle,
                checksums,
                Optional.of(keys),
                profile,
                ca,
                timeout,
                attempts,
                multipartAboveBytes);
    }

    /** For messages: {@code s3://bucket/prefix at https://host}. */
    public String location() {
        return "s3://" + bucket + (prefix.isEmpty() ? "" : "/" + prefix)
                + endpoint.map(server -> " at " + server).orElse("");
    }

    private static boolean isServer(URI uri) {
        boolean scheme = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
        String path = uri.getRawPath();
        return scheme
                && uri.getHost() != null
                && uri.getUserInfo() == null
                && uri.getRawQuery() == null
                && uri.getRawFragment() == null
                && (path == null || path.isEmpty() || path.equals("/"));
    }
}
