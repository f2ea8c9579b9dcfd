namespace RemoteTasks.Cache;
internal static class Placeholder;
