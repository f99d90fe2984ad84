package dev.hindsight.agent.api;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Whose certificates a client believes. Either PEM file or key store; with neither, what the JVM believes.
 *
 * @param caPem one or more PEM certificates
 * @param trustStore PKCS12 or JKS
 * @param trustStorePassword never printed
 */
public record AgentTrust(Optional<Path> caPem, Optional<Path> trustStore, Optional<String> trustStorePassword) {
    public static AgentTrust pem(Path caPem) {
        return new AgentTrust(Optional.of(caPem), Optional.empty(), Optional.empty());
    }

    public static AgentTrust store(Path trustStore, String password) {
        return new AgentTrust(Optional.empty(), Optional.of(trustStore), Optional.of(password));
    }

    public static AgentTrust jvm() {
        return new AgentTrust(Optional.empty(), Optional.empty(), Optional.empty());
    }

    @Override
    public String toString() {
        return "AgentTrust[caPem=" + caPem + ", trustStore=" + trustStore + "]";
    }
}
