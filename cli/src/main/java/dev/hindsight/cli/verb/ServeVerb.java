package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.cli.config.ServeConfig;
import dev.hindsight.cli.live.LiveBackend;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.cli.output.Text;
import dev.hindsight.server.Service;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "serve",
        description = {
            "Keep protected tables restorable, as a service, and answer the API under /v1.",
            "Seals what is captured, and takes new bases when they are due or a window has ended; 'expire' and 'collect' are "
                    + "run apart.",
            "Runs until told to end. Its section 'serve' says where it listens and who may call it."
        })
final class ServeVerb extends Verb {
    @Option(names = "--print-settings", description = "Print the settings in force, without secrets, and end.")
    private boolean printSettings;

    ServeVerb(GlobalOptions options, Surroundings surroundings) {
        super(options, surroundings);
    }

    @Override
    Outcome run() throws InterruptedException {
        HindsightConfig config = config();
        ServeConfig serve = config.requireServe();
        config.requireCluster();
        if (printSettings) {
            return settings(config, serve);
        }
        var settings = serve.settings(surroundings().environment());
        LiveBackend backend = new LiveBackend(
                config, surroundings().environment(), surroundings().clock());
        Service started = Service.start(settings, backend, surroundings().clock(), new SecureRandom());
        try (Service service = surroundings().interrupts().guard(started)) {
            // Said at once: whoever starts a service waits for this line.
            surroundings()
                    .terminal()
                    .print(
                            Outcome.ok(
                                    "serve",
                                    Map.of("address", service.address()),
                                    "hindsight serves on " + service.address()),
                            options().json());
            try {
                service.join();
            } catch (InterruptedException e) {
                // By then the end of the process has closed it: told to end and ended is no failure.
                if (!surroundings().interrupts().ending()) {
                    throw e;
                }
            }
            return Outcome.silent();
        }
    }

    private static Outcome settings(HindsightConfig config, ServeConfig serve) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("repository", config.repository().text());
        out.put("cluster", config.requireCluster().name());
        out.put("listen", serve.listen().host() + ":" + serve.listen().port());
        out.put("tls", serve.listen().tls().isPresent());
        Map<String, String> tokens = new TreeMap<>();
        serve.tokens().forEach((name, token) -> tokens.put(name, token.scope().text() + " " + token.token()));
        out.put("tokens", tokens);
        out.put("state", serve.state());
        out.put("sealInterval", serve.sealInterval());
        out.put("idleInterval", serve.idleInterval());
        out.put("windowInterval", serve.windowInterval());
        out.put("bases", serve.bases().toString());
        out.put("grace", serve.grace());
        return Outcome.ok(
                "serve",
                out,
                Text.facts(out.entrySet().stream()
                        .flatMap(one -> Stream.of(one.getKey(), Text.plain(String.valueOf(one.getValue()))))
                        .toList()));
    }
}
