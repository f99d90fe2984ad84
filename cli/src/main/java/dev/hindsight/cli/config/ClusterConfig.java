package dev.hindsight.cli.config;

import dev.hindsight.agent.settings.SecretRef;
import dev.hindsight.agent.settings.Settings;
import dev.hindsight.model.failure.UsageException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How to reach one cluster: the section {@code cluster}, or one of {@code targets}.
 *
 * @param section for messages: {@code cluster} or {@code targets.NAME}
 * @param name what the cluster must call itself; anything else is refused before anything is done
 * @param contactPoints for the driver, {@code host:port}
 * @param agents one for each node
 */
public record ClusterConfig(
        String section,
        String name,
        List<String> contactPoints,
        String localDatacenter,
        Optional<Credentials> credentials,
        List<URI> agents,
        AgentTokens tokens,
        Tls tls) {
    public static final int NATIVE_PORT = 9042;

    public ClusterConfig {
        contactPoints = List.copyOf(contactPoints);
        agents = List.copyOf(agents);
    }

    public record Credentials(String user, SecretRef password) {}

    /** One token per scope; a scope that no verb in use needs may be left out. */
    public record AgentTokens(Optional<SecretRef> read, Optional<SecretRef> imports, Optional<SecretRef> admin) {}

    /**
     * @param ca certificates to believe, PEM; empty for what the JVM believes. Used by agents with https addresses
     * @param cql whether the driver's connections use TLS as well
     */
    public record Tls(Optional<Path> ca, boolean cql) {}

    static ClusterConfig read(String section, Settings settings) {
        Optional<Credentials> credentials = settings.findSection("credentials").map(inner -> {
            Credentials read = new Credentials(inner.text("user"), inner.secret("password"));
            inner.finish();
            return read;
        });
        Settings tokens = settings.section("agent-tokens");
        AgentTokens agentTokens =
                new AgentTokens(tokens.findSecret("read"), tokens.findSecret("import"), tokens.findSecret("admin"));
        tokens.finish();
        Settings tls = settings.section("tls");
        Tls trust = new Tls(tls.findPath("ca"), tls.flag("cql", false));
        tls.finish();
        ClusterConfig out = new ClusterConfig(
                section,
                settings.text("name"),
                contactPoints(settings),
                settings.text("local-datacenter"),
                credentials,
                agents(settings),
                agentTokens,
                trust);
        settings.finish();
        return out;
    }

    private static List<String> contactPoints(Settings settings) {
        List<String> out = new ArrayList<>();
        for (String text : settings.texts("contact-points")) {
            out.add(address(settings, text));
        }
        if (out.isEmpty()) {
            throw settings.refuse("contact-points", "names no node", "give at least one: [10.0.0.1, 10.0.0.2:9042]");
        }
        return out;
    }

    private static String address(Settings settings, String text) {
        String host = text;
        int port = NATIVE_PORT;
        int colon = text.lastIndexOf(':');
        boolean bracketed = text.startsWith("[");
        boolean hasPort = colon > 0 && (bracketed ? text.charAt(colon - 1) == ']' : text.indexOf(':') == colon);
        if (hasPort) {
            host = text.substring(0, colon);
            try {
                port = Integer.parseInt(text.substring(colon + 1));
            } catch (NumberFormatException e) {
                port = -1;
            }
        }
        if (bracketed && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        if (host.isBlank() || port < 1 || port > 65535) {
            throw settings.refuse("contact-points", "has '" + text + "'", "write host or host:port");
        }
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    private static List<URI> agents(Settings settings) {
        List<URI> out = new ArrayList<>();
        for (String text : settings.texts("agents")) {
            URI uri = uri(settings, text);
            if (out.contains(uri)) {
                throw settings.refuse("agents", "names " + uri + " twice", "name each node's agent once");
            }
            out.add(uri);
        }
        return out;
    }

    private static URI uri(Settings settings, String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw notAnAgent(settings, text);
        }
        boolean scheme = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
        if (!scheme || uri.getHost() == null || uri.getPort() < 0 || uri.getUserInfo() != null) {
            throw notAnAgent(settings, text);
        }
        return URI.create(uri.getScheme() + "://" + uri.getRawAuthority());
    }

    private static UsageException notAnAgent(Settings settings, String text) {
        return settings.refuse("agents", "has '" + text + "'", "write http://HOST:PORT or https://HOST:PORT");
    }
}
