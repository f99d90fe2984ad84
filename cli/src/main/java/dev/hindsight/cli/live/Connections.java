package dev.hindsight.cli.live;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.AgentEndpoint;
import dev.hindsight.agent.api.AgentTokens;
import dev.hindsight.agent.api.AgentTrust;
import dev.hindsight.agent.api.HttpAgentClient;
import dev.hindsight.agent.settings.RepositoryPlace;
import dev.hindsight.agent.settings.SecretRef;
import dev.hindsight.cli.config.ClusterConfig;
import dev.hindsight.cluster.ClusterSettings;
import dev.hindsight.cluster.DriverCluster;
import dev.hindsight.operations.Site;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.repository.store.ObjectStore;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Turns configuration into connections; secrets are read here, at the moment of use. */
public final class Connections {
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(60);

    private final Map<String, String> environment;

    public Connections(Map<String, String> environment) {
        this.environment = environment;
    }

    /** The store of a repository that is there. */
    public ObjectStore store(RepositoryPlace place) {
        return place.open(environment);
    }

    /** For {@code init}: makes the directory if need be; buckets are made by whoever pays for them. */
    ObjectStore newStore(RepositoryPlace place) {
        return place instanceof RepositoryPlace.Directory directory
                ? DirectoryStore.create(directory.path(), directory.access())
                : store(place);
    }

    /** A site that must be closed: the driver's session and the agents' clients. */
    static final class OpenSite implements AutoCloseable {
        private final Site site;

        OpenSite(Site site) {
            this.site = site;
        }

        Site site() {
            return site;
        }

        @Override
        public void close() {
            site.agents().forEach(AgentClient::close);
            site.cluster().close();
        }
    }

    OpenSite site(ClusterConfig config) {
        List<AgentClient> agents = agents(config);
        try {
            return new OpenSite(new Site(config.name(), cluster(config), agents));
        } catch (RuntimeException e) {
            agents.forEach(AgentClient::close);
            throw e;
        }
    }

    public DriverCluster cluster(ClusterConfig config) {
        ClusterSettings settings = ClusterSettings.of(config.contactPoints())
                .withClusterName(config.name())
                .withLocalDatacenter(config.localDatacenter())
                .withRequestTimeout(REQUEST_TIMEOUT);
        if (config.credentials().isPresent()) {
            ClusterConfig.Credentials given = config.credentials().get();
            settings = settings.withCredentials(given.user(), given.password().resolve(environment));
        }
        if (config.tls().cql()) {
            settings = settings.withTls(PemTrust.context(config.tls().ca()));
        }
        return DriverCluster.connect(settings);
    }

    public List<AgentClient> agents(ClusterConfig config) {
        AgentTokens tokens = tokens(config.tokens());
        List<AgentClient> out = new ArrayList<>();
        config.agents().forEach(address -> out.add(agent(config, address, tokens)));
        return out;
    }

    public AgentClient agent(ClusterConfig config, URI address, AgentTokens tokens) {
        AgentTrust trust = config.tls().ca().map(AgentTrust::pem).orElseGet(AgentTrust::jvm);
        return new HttpAgentClient(new AgentEndpoint(address, tokens, trust));
    }

    public AgentTokens tokens(ClusterConfig.AgentTokens references) {
        return new AgentTokens(resolve(references.read()), resolve(references.imports()), resolve(references.admin()));
    }

    private Optional<String> resolve(Optional<SecretRef> reference) {
        return reference.map(secret -> secret.resolve(environment));
    }
}
