package dev.hindsight.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.joran.spi.JoranException;
import ch.qos.logback.core.status.InfoStatus;
import ch.qos.logback.core.status.Status;
import java.net.URL;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LogConfigurationTest {
    private static final URL CONFIGURATION =
            Optional.ofNullable(Main.class.getResource("/logback.xml")).orElseThrow();

    @Test
    void logbackUnderstandsEveryWordOfIt() throws JoranException {
        LoggerContext context = new LoggerContext();
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);

        configurator.doConfigure(CONFIGURATION);

        assertThat(context.getStatusManager().getCopyOfStatusList())
                .filteredOn(status -> status.getLevel() > Status.INFO)
                .isEmpty();
        assertThat(context.getStatusManager().getCopyOfStatusList()).hasAtLeastOneElementOfType(InfoStatus.class);
    }

    @Test
    void stackTracesArePrintedOnlyForDebugging() {
        assertThat(printed("0")).contains("the cause").doesNotContain("\tat ");
        assertThat(printed("full")).contains("the cause").contains("\tat ");
    }

    private static String printed(String stacks) {
        LoggerContext context = new LoggerContext();
        ThrowableProxyConverter converter = new ThrowableProxyConverter();
        converter.setContext(context);
        converter.setOptionList(List.of(stacks));
        converter.start();
        LoggingEvent event = new LoggingEvent(
                "test",
                context.getLogger("test"),
                ch.qos.logback.classic.Level.ERROR,
                "failed",
                new IllegalStateException("the cause"),
                null);
        return converter.convert(event);
    }
}
