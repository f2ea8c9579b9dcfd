namespace RemoteTasks.Server;
internal static class Placeholder;
