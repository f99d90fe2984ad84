package dev.hindsight.http;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * Where a server listens.
 *
 * @param port 0 takes a free one
 * @param tls empty: in the clear
 */
public record ListenAddress(String host, int port, Optional<TlsFiles> tls) {
    /** As clients write it, with the port that was really taken. */
    public URI at(int takenPort) {
        return URI.create((tls.isPresent() ? "https" : "http") + "://" + (host.contains(":") ? "[" + host + "]" : host)
                + ":" + takenPort);
    }

    /** Whether only this machine can reach it; a name that nobody knows counts as reachable from elsewhere. */
    public boolean isLoopback() {
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                if (!address.isLoopbackAddress()) {
                    return false;
                }
            }
            return true;
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
