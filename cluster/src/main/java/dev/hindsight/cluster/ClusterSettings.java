package dev.hindsight.cluster;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * How to reach one cluster.
 *
 * @param contactPoints {@code host} or {@code host:port} ({@code [v6]:port}); port 9042 when not given; one that answers
 *     is enough
 * @param localDatacenter whose nodes are asked first; empty: the datacenter of the first node that answered. Nodes of
 *     the others are talked to as well, because every node's view counts
 * @param clusterName the name the cluster must have; another one is refused before anything is done
 * @param tls when present, all connections use it and check the host name in the certificate
 * @param requestTimeout for one read; schema changes get twice that
 */
public record ClusterSettings(
        List<String> contactPoints,
        Optional<String> localDatacenter,
        Optional<Credentials> credentials,
        Optional<SSLContext> tls,
        Optional<String> clusterName,
        Duration requestTimeout) {
    public static final int DEFAULT_PORT = 9042;

    /** A user of the cluster. The password never shows in a text. */
    public record Credentials(String user, String password) {
        @Override
        public String toString() {
            return "Credentials[user=" + user + "]";
        }
    }

    public ClusterSettings {
        contactPoints = List.copyOf(contactPoints);
        if (contactPoints.isEmpty()) {
            throw new IllegalArgumentException("a cluster needs at least one contact point");
        }
    }

    /** Plain connections without a user, timeouts for loaded clusters. */
    public static ClusterSettings of(List<String> contactPoints) {
        return new ClusterSettings(
                contactPoints,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(60));
    }

    public ClusterSettings withLocalDatacenter(String datacenter) {
        return new ClusterSettings(
                contactPoints, Optional.of(datacenter), credentials, tls, clusterName, requestTimeout);
    }

    public ClusterSettings withCredentials(String user, String password) {
        return new ClusterSettings(
                contactPoints,
                localDatacenter,
                Optional.of(new Credentials(user, password)),
                tls,
                clusterName,
                requestTimeout);
    }

    public ClusterSettings withTls(SSLContext context) {
        return new ClusterSettings(
                contactPoints, localDatacenter, credentials, Optional.of(context), clusterName, requestTimeout);
    }

    public ClusterSettings withClusterName(String name) {
        return new ClusterSettings(contactPoints, localDatacenter, credentials, tls, Optional.of(name), requestTimeout);
    }

    public ClusterSettings withRequestTimeout(Duration timeout) {
        return new ClusterSettings(contactPoints, localDatacenter, credentials, tls, clusterName, timeout);
    }

    /**
     * @throws IllegalArgumentException naming the contact point that cannot be read or found
     */
    static InetSocketAddress address(String contactPoint) {
        String host = contactPoint.trim();
        int port = DEFAULT_PORT;
        int colon = host.lastIndexOf(':');
        boolean bareV6 = host.indexOf(':') != colon && !host.startsWith("[");
        if (colon > host.indexOf(']') && !bareV6) {
            try {
                port = Integer.parseInt(host.substring(colon + 1));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("contact point '" + contactPoint + "' has no numeric port", e);
            }
            host = host.substring(0, colon);
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        if (host.isEmpty() || port < 1 || port > 65535) {
            throw new IllegalArgumentException("contact point '" + contactPoint + "' is not of the form host:port");
        }
        try {
            return new InetSocketAddress(InetAddress.getByName(host), port);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("contact point '" + contactPoint + "' has no address", e);
        }
    }

    /** {@code host:port}, with brackets around an IPv6 address. */
    static String text(InetAddress address, int port) {
        String host = address.getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
